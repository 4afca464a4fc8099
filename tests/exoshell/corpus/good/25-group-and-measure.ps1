# How many of each type?
# out: OnPremises = 2
# out: Partner = 1
$null = New-InboundConnector -Name P -ConnectorType Partner -SenderDomains p.example
Get-InboundConnector | Group-Object ConnectorType | Sort-Object Name | ForEach-Object { "$($_.Name) = $($_.Count)" }
