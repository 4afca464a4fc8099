$splat = @{
    ## コネクタの名前を定義します。
    Name = 'SMTP Relay'
    ## 作成するコネクタのタイプを定義します。
    ConnectorType = 'OnPremises'
    ## リレーを許可する送信者ドメインのセット。
    SenderDomains = '*'
    ## 実際の公開IPアドレスに変更してください。
    SenderIPAddresses = '203.0.113.25'
    ## 電子メールのリレーを送信者ドメインと送信者IPアドレスに制限します。
    RestrictDomainsToIPAddresses = $true
}

## コネクタを作成します。
New-InboundConnector @splat

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
    TlsSenderCertificateName = '*.contoso.com'
}

## コネクタを作成します
New-InboundConnector @splat
