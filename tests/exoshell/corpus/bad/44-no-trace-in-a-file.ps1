# error: 2:1 Server message trace is a running server's
Get-MessageTraceV2 -RecipientAddress ann@contoso.com
