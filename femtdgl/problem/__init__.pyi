from . import drive as drive
from . import presets as presets
