# error: 2:33 AmbiguousParameter ambiguous
Set-AcceptedDomain contoso.com  -Sending $true
