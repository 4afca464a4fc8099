# error: 2:1 recipient-domain contoso.com is not an accepted domain
Remove-AcceptedDomain contoso.com -Confirm:$false
