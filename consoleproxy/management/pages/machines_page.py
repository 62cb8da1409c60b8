"""``/machines``: the virtual machines, searched and a page at a time."""

from consoleproxy.management.pages.handler import PageHandler
from consoleproxy.management.pages.machine_rows import found_machines
from consoleproxy.management.pages.paging import Pager, page_number


class MachinesPage(PageHandler):
    """The list of virtual machines, each with its console button."""

    async def get(self) -> None:
        text = self.get_query_argument("q", "")
        found = found_machines(self._pages.inventory, text)
        number = page_number(self.get_query_argument("page", ""))
        pager = Pager(path="/machines", number=number, count=len(found), query={"q": text})
        self.render("machines.html", machines=pager.part(found), pager=pager, text=text)
