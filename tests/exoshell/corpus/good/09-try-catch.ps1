# An error that is expected, caught.
# out: refused: E10
# out: still 2
try {
    New-InboundConnector -Name Wide -ConnectorType OnPremises -SenderDomains * -SenderIPAddresses 203.0.112.0/20 -ErrorAction Stop
    'made'
}
catch {
    $code = $_.FullyQualifiedErrorId.Split(',')[0]
    "refused: $code"
}
finally {
    "still $(@(Get-InboundConnector).Count)"
}
