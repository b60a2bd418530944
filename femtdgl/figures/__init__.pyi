from . import cooler as cooler
from . import fields as fields
from . import filament as filament
from . import flux as flux
from . import heat as heat
from . import mesh as mesh
from . import network as network
from . import volume as volume
