# error: 2:1 recipient-domain fabrikam.example is not an accepted domain
New-Mailbox -Name X -PrimarySmtpAddress x@fabrikam.example
