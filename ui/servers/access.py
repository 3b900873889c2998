"""Who may do what with a model on its server: the questions that the windows ask."""

from app.ports_network import Invitation, Network, RoleName, Share


class Access:
    """One model through one account."""

    def __init__(self, network: Network, key: str, model_id: str) -> None:
        self.network = network
        self.key = key
        self.model_id = model_id

    @property
    def user_id(self) -> str:
        """Who one is oneself there."""
        account = self.network.account(self.key)
        return account.user_id if account is not None else ""

    async def role(self) -> RoleName:
        """What one may do oneself."""
        return await (await self.network.gateway(self.key)).role(self.model_id)

    async def shares(self) -> tuple[Share, ...]:
        """Everybody who may do something."""
        return await (await self.network.gateway(self.key)).shares(self.model_id)

    async def set_role(self, user_id: str, role: RoleName) -> None:
        """Give somebody another role."""
        await (await self.network.gateway(self.key)).set_role(self.model_id, user_id, role)

    async def invitations(self) -> tuple[Invitation, ...]:
        """The invites that there are."""
        return await (await self.network.gateway(self.key)).invitations(self.model_id)

    async def invite(self, role: RoleName, hours: float, uses: int | None, label: str) -> Invitation:
        """One more."""
        gateway = await self.network.gateway(self.key)
        return await gateway.invite(self.model_id, role, hours=hours, uses=uses, label=label)

    async def withdraw(self, invitation_id: str) -> None:
        """Let an invite admit nobody more."""
        await (await self.network.gateway(self.key)).withdraw_invitation(self.model_id, invitation_id)
