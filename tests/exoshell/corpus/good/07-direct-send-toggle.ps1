# A toggle that may be run again and again.
# out: now True
# out: now False
# then: OrganizationConfig.RejectDirectSend = false
function Switch-DirectSend {
    $current = (Get-OrganizationConfig).RejectDirectSend
    Set-OrganizationConfig -RejectDirectSend (-not $current)
    "now $((Get-OrganizationConfig).RejectDirectSend)"
}
Switch-DirectSend
Switch-DirectSend
