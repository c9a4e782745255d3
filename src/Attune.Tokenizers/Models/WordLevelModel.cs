using System.Text.Json;

namespace Attune.Tokenizers.Models;

/// <summary>One token for each known word.</summary>
internal sealed class WordLevelModel : ITokenModel
{
    private readonly string _unknownToken;
    private readonly int _unknownId;

    /// <summary>Makes the model.</summary>
    /// <param name="vocabulary">The words.</param>
    /// <param name="unknownToken">Stands for all other words.</param>
    public WordLevelModel(Vocabulary vocabulary, string unknownToken)
    {
        (Vocabulary, _unknownToken) = (vocabulary, unknownToken);
        _unknownId = vocabulary.Find(unknownToken);
    }

    public Vocabulary Vocabulary { get; }

    public void Tokenize(ReadOnlySpan<char> piece, TokenOutput output)
    {
        var id = Vocabulary.Find(piece);
        if (id < 0) id = _unknownId;
        if (id < 0) throw new TokenizationException($"The text holds an unknown word, and the vocabulary lacks the unknown token '{_unknownToken}'.");
        output.Add(id, 0, piece.Length);
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "WordLevel");
        writer.WriteVocabulary(Vocabulary);
        writer.WriteString("unk_token", _unknownToken);
        writer.WriteEndObject();
    }
}
