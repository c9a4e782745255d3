using System.Text.Json;

namespace Attune.Tokenizers.Decoders;

/// <summary>Joins continued words and puts spaces between the others.</summary>
/// <param name="prefix">Marks tokens that continue a word.</param>
/// <param name="cleanup">Whether spaces before punctuation and contractions are taken out again.</param>
internal sealed class WordPieceDecoder(string prefix, bool cleanup) : IDecoder
{
    private static readonly (string Found, string Becomes)[] Repairs =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" do not", " don't"),
        (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ];

    /// <summary>Takes spaces before punctuation and contractions out.</summary>
    public static string CleanUp(string token)
    {
        if (!token.Contains(' ')) return token;
        foreach (var (found, becomes) in Repairs) token = token.Replace(found, becomes, StringComparison.Ordinal);
        return token;
    }

    public void Decode(List<string> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            if (i > 0) token = token.StartsWith(prefix, StringComparison.Ordinal) ? token[prefix.Length..] : " " + token;
            tokens[i] = cleanup ? CleanUp(token) : token;
        }
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "WordPiece");
        writer.WriteString("prefix", prefix);
        writer.WriteBoolean("cleanup", cleanup);
        writer.WriteEndObject();
    }
}
