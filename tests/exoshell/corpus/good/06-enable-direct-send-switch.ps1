# Direct Send off, and a look whether it took.
# out: before: False
# out: after: True
# then: OrganizationConfig.RejectDirectSend = true
"before: $((Get-OrganizationConfig).RejectDirectSend)"
Set-OrganizationConfig -RejectDirectSend $true
"after: $((Get-OrganizationConfig).RejectDirectSend)"
