"""Beyond the papers: gain of the thermal transistor; hysteresis and switching of the thermal memory."""

from network_figure import outcome_of, panels, save, table

from femtdgl.figures import network as plots_network

transistor, memory = outcome_of("thermal_transistor"), outcome_of("thermal_memory")
figure, (a, b, c, d) = panels(2, 2)
plots_network.powers(a, transistor)
plots_network.gain(b, transistor)
plots_network.temperatures(c, memory)
plots_network.transient(d, memory)
save(figure, "thermal_logic", table(transistor) | {f"memory/{k}": v for k, v in table(memory).items()})
