# Helpers with validation, splatting, a filter and recursion.
# out: [INFO] SMTP Relay -> 203.0.113.25, 203.0.113.26
# out: [WARN] SMTP Relay (TLS) -> none
# out: 3 levels
function Write-Log {
    param(
        [Parameter(Mandatory)][string]$Message,
        [ValidateSet('INFO', 'WARN')][string]$Level = 'INFO'
    )
    Write-Output "[$Level] $Message"
}
filter Format-Connector {
    $list = if ($_.SenderIPAddresses) { $_.SenderIPAddresses -join ', ' } else { 'none' }
    "$($_.Name) -> $list"
}
function Get-Depth([int]$Level = 1) { if ($Level -ge 3) { return $Level }; Get-Depth ($Level + 1) }
Get-InboundConnector | ForEach-Object {
    $log = @{ Message = $_ | Format-Connector }
    if (-not $_.SenderIPAddresses) { $log.Level = 'WARN' }
    Write-Log @log
}
"$(Get-Depth) levels"
