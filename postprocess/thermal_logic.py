"""Beyond the papers: gain of the thermal transistor; hysteresis and switching of the thermal memory."""

from network_figure import outcome_of, panels, save, table

import femtdgl as fg

transistor, memory = outcome_of("thermal_transistor"), outcome_of("thermal_memory")
figure, (a, b, c, d) = panels(2, 2)
fg.figures.network.powers(a, transistor)
fg.figures.network.gain(b, transistor)
fg.figures.network.temperatures(c, memory)
fg.figures.network.transient(d, memory)
save(figure, "thermal_logic", table(transistor) | {f"memory/{k}": v for k, v in table(memory).items()})
