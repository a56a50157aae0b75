"""A study that was brought to the newest schema, told."""

from offing.api.upgrade import UpgradeAnswer
from offing.report.blocks import Block, Text
from offing.terms.messages import say


def view(answer: UpgradeAnswer) -> tuple[Block, ...]:
    """Where it is, and where the file is as it was."""
    if not answer.changed:
        return (Text((say("study.upgrade_nothing", path=answer.file),)),)
    lines = [say("study.upgraded", path=answer.file)]
    if answer.backup is not None:
        lines.append(say("study.upgrade_backup", path=answer.backup))
    return (Text((*lines, say("study.upgrade_look"))),)
