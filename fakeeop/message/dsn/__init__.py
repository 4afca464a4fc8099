"""Delivery status notifications (RFC 3461, 3464) in the form that Exchange Online gives them. Pure."""
