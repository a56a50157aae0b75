from offing.api.agreement import agreement as agreement
from offing.api.backtest import backtest as backtest
from offing.api.begin import begin as begin
from offing.api.book import book as book
from offing.api.codes import codes as codes
from offing.api.equilibrium import equilibrium as equilibrium
from offing.api.evidence import evidence as evidence
from offing.api.exchange_cost import exchange_cost as exchange_cost
from offing.api.experiment import experiment as experiment
from offing.api.fairs import fairs as fairs
from offing.api.fetch import fetch as fetch
from offing.api.firms import firms as firms
from offing.api.gravity import gravity as gravity
from offing.api.indicators import complexity as complexity
from offing.api.indicators import indicators as indicators
from offing.api.ladder import ladder as ladder
from offing.api.ledger import ledger as ledger
from offing.api.lines import lines as lines
from offing.api.load import load as load
from offing.api.markets import markets as markets
from offing.api.order import order as order
from offing.api.origin import origin as origin
from offing.api.outlook import outlook as outlook
from offing.api.plan import plan as plan
from offing.api.price import price as price
from offing.api.province import province as province
from offing.api.quotations import quotations as quotations
from offing.api.quote import quote as quote
from offing.api.reconcile import reconcile as reconcile
from offing.api.refund import refund as refund
from offing.api.rules import law as law
from offing.api.run import run as run
from offing.api.settle import settle as settle
from offing.api.share import share as share
from offing.api.sources import loaded as loaded
from offing.api.survival import survival as survival
from offing.api.whatif import whatif as whatif
from offing.terms.errors import OffingError as OffingError
from offing.warehouse import Warehouse as Warehouse

__all__: list[str]
__version__: str
_QUESTIONS: tuple[str, ...]
_WHERE: dict[str, str]
