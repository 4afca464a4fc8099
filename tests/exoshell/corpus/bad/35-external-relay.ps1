# error: 2:32 ParameterArgumentTransformationError ExternalRelay
Set-AcceptedDomain contoso.com -DomainType ExternalRelay
