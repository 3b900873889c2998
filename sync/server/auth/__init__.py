"""Identity: the authorization server, sign-in, accounts, invites, tickets, and the table of roles."""
