# error: 2:1 nxdomain DNS name does not exist
Resolve-DnsName nowhere.example -Type MX
