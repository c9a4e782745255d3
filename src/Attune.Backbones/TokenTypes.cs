namespace Attune.Backbones;

/// <summary>What the type of a token is to a backbone.</summary>
public enum TokenTypes
{
    /// <summary>It reads none.</summary>
    None,

    /// <summary>A row of a table of types, added to the token's vector.</summary>
    Embedded,

    /// <summary>A token of the vocabulary, whose vector is added to the token's own.</summary>
    AsTokens,

    /// <summary>Compared between two tokens: whether they have the same.</summary>
    Compared,
}
