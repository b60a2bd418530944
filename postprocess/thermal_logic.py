"""Beyond the papers: gain of the thermal transistor; hysteresis and switching of the thermal memory."""

from network_figure import legend, letters, note, panels, save, shipped, table

import femtdgl as fg

transistor, memory = shipped("thermal_transistor"), shipped("thermal_memory")
figure, axes = panels(2, 3)
a, b, c, d, e, f = axes
fg.figures.network.powers(a, transistor)
fg.figures.network.gain(b, transistor)
b.set_ylim(top=7.5)
note(b, "dJ/dP = s/(g - s), finite throughout", 0.03, 0.97)
fg.figures.network.temperatures(c, transistor)
fg.figures.network.temperatures(d, memory)
d.set_ylim(top=385)
legend(d, "upper left")
fg.figures.network.gain(e, memory)
legend(e, "upper right")
note(e, "grows without bound towards the folds;\nno value across them", 0.97, 0.8)
fg.figures.network.transient(f, memory)
f.set_ylim(top=365)
pulses = "0.45 fW throughout, but 1 fW more at 200 to 250 us\nand none at 600 to 1100 us; dotted: 230 mK is crossed"
note(f, pulses, 0.97, 0.97)
titles = ["transistor: heat from the source", "its gain", "its gate", "memory: two states of the gate", "its gain"]
letters(axes, [*titles, "written and erased"])
save(figure, "thermal_logic", table(transistor) | table(memory, "memory/"))
