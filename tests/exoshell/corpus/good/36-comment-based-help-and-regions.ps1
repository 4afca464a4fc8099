<#
.SYNOPSIS
    Turns all connectors of one source off.
#>
# out: turned off: 1
# then: InboundConnectors[Old].Enabled = false
#Requires -Version 5.1
param([string]$Source = 'Migrated')

#region prepare
$null = New-InboundConnector -Name Old -ConnectorType Partner -SenderDomains old.example -ConnectorSource Migrated
#endregion
$found = @(Get-InboundConnector | Where-Object { $_.ConnectorSource -eq $Source })
$found | Set-InboundConnector -Enabled $false
"turned off: $($found.Count)"
