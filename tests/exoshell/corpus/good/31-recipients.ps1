# Addresses that exist, and one more.
# out: ann@contoso.com
# out: bob@contoso.com
# out: scan@contoso.com
# then: Recipients = ["ann@contoso.com", "bob@contoso.com"]
New-Mailbox -Name scan -PrimarySmtpAddress scan@contoso.com | Out-Null
Get-Recipient -ResultSize Unlimited | Sort-Object PrimarySmtpAddress | Select-Object -ExpandProperty PrimarySmtpAddress
