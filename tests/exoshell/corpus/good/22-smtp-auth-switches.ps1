# SMTP AUTH off for all but one.
# out: tenant: True
# out: ann@contoso.com: False
# then: TransportConfig.SmtpClientAuthenticationDisabled = true
Set-TransportConfig -SmtpClientAuthenticationDisabled $true
Set-CASMailbox -Identity ann@contoso.com -SmtpClientAuthenticationDisabled $false
"tenant: $((Get-TransportConfig).SmtpClientAuthenticationDisabled)"
Get-CASMailbox | Where-Object { $_.SmtpClientAuthenticationDisabled -eq $false } | ForEach-Object {
    "$($_.PrimarySmtpAddress): $($_.SmtpClientAuthenticationDisabled)"
}
