from . import thermal as thermal
from . import units as units
from .errors import InputError as InputError
from .errors import SolverStopped as SolverStopped
from .units import Scales as Scales
