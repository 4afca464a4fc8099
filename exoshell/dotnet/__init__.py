"""The .NET objects that scripts send mail with, and what ``Send-MailMessage`` is made of: over a real socket."""
