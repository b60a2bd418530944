"""The march on a GPU: assembly in kernels, linear algebra and integration on the device; see docs/gpu.md."""
