$splat = @{
    ## コネクタの名前を定義します。
    Name = 'SMTP Relay (TLS)'
    ## 作成するコネクタのタイプです。
    ConnectorType = 'OnPremises'
    ## リレーが許可されている送信元ドメインのセットです。
    SenderDomains = '*'
    ## TLSを要求します
    RequireTLS = $true
    ## SSL証明書のサブジェクト/名前
    TlsSenderCertificateName = '*.YourDomain.com'
}

## コネクタを作成します
New-InboundConnector @splat
