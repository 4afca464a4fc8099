# error: 2:24 NamedParameterNotFound 'RejectDirectSends'
Set-OrganizationConfig -RejectDirectSends $true
