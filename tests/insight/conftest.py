"""The same library that searches are tested on."""

from tests.search.conftest import agent as agent
from tests.search.conftest import library as library
from tests.search.conftest import telecom as telecom
