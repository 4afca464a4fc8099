$splat = @{
    ## コネクタの名前を定義します。
    Name = 'SMTP Relay'
    ## 作成するコネクタのタイプを定義します。
    ConnectorType = 'OnPremises'
    ## リレーを許可する送信者ドメインのセット。
    SenderDomains = '*'
    ## 実際の公開IPアドレスに変更してください。
    SenderIPAddresses = '110.x.x.x'
    ## 電子メールのリレーを送信者ドメインと送信者IPアドレスに制限します。
    RestrictDomainsToIPAddresses = $true
}

## コネクタを作成します。
New-InboundConnector @splat
