# error: 2:1 duplicate-mailbox exists already
New-Mailbox -Name Ann -PrimarySmtpAddress ANN@contoso.com
