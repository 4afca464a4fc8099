# error: 2:1 O2 DomainValidation
New-OutboundConnector -Name X -TlsDomain a.example
