"""``offing evidence``: does a claim hold on the loaded data?"""

from offing.api import evidence as api
from offing.cli.asking import command
from offing.report.tellings.evidence import tell

evidence = command(api.evidence, tell, name="")
