"""The DragonFly mail agent: a client that queues, and no daemon; it has neither a form nor a lint."""

from harness.mtas.base import MtaFolder

FOLDER = MtaFolder(
    title="dma",
    about="the DragonFly mail agent",
    install="bash ci/install-clients.sh",
    driver="harness.mtas.dma.driver:DmaDriver",
)
