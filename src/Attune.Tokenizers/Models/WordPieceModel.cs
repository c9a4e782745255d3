using System.Text.Json;

namespace Attune.Tokenizers.Models;

/// <summary>WordPiece: the longest token that a word begins with, then the longest continuation, and so on.</summary>
/// <remarks>Devlin et al., BERT, https://arxiv.org/abs/1810.04805.</remarks>
internal sealed class WordPieceModel : ITokenModel
{
    private readonly string _unknownToken;
    private readonly int _unknownId;
    private readonly string _prefix;
    private readonly int _maxCharacters;

    /// <summary>Makes the model.</summary>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="unknownToken">Stands for words that cannot be put together.</param>
    /// <param name="prefix">Marks tokens that continue a word.</param>
    /// <param name="maxCharacters">Words of more code points are unknown.</param>
    public WordPieceModel(Vocabulary vocabulary, string unknownToken = "[UNK]", string prefix = "##", int maxCharacters = 100)
    {
        (Vocabulary, _unknownToken, _prefix, _maxCharacters) = (vocabulary, unknownToken, prefix, maxCharacters);
        _unknownId = vocabulary.Find(unknownToken);
    }

    public Vocabulary Vocabulary { get; }

    public void Tokenize(ReadOnlySpan<char> piece, TokenOutput output)
    {
        if (piece.Length > _maxCharacters && CountCharacters(piece) > _maxCharacters)
        {
            AddUnknown(piece.Length, output);
            return;
        }

        var before = output.Ids.Count;
        Span<char> continued = stackalloc char[256];
        if (_prefix.Length + Math.Min(piece.Length, Vocabulary.LongestToken) > continued.Length) continued = new char[_prefix.Length + piece.Length];
        _prefix.CopyTo(continued);
        for (var start = 0; start < piece.Length;)
        {
            var prefix = start == 0 ? 0 : _prefix.Length;
            var longest = Math.Min(piece.Length - start, Math.Max(0, Vocabulary.LongestToken - prefix));
            var rest = piece.Slice(start, longest);
            if (prefix > 0) rest.CopyTo(continued[prefix..]);
            var (id, length) = (-1, longest);
            for (; length > 0; length--)
            {
                id = Vocabulary.Find(prefix > 0 ? continued[..(prefix + length)] : rest[..length]);
                if (id >= 0) break;
            }

            if (id < 0)
            {
                output.Truncate(before);
                AddUnknown(piece.Length, output);
                return;
            }

            output.Add(id, start, start + length);
            start += length;
        }
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "WordPiece");
        writer.WriteString("unk_token", _unknownToken);
        writer.WriteString("continuing_subword_prefix", _prefix);
        writer.WriteNumber("max_input_chars_per_word", _maxCharacters);
        writer.WriteVocabulary(Vocabulary);
        writer.WriteEndObject();
    }

    private static int CountCharacters(ReadOnlySpan<char> piece)
    {
        var count = 0;
        foreach (var c in piece) count += char.IsLowSurrogate(c) ? 0 : 1;
        return count;
    }

    private void AddUnknown(int length, TokenOutput output)
    {
        if (_unknownId < 0) throw new TokenizationException($"The text holds an unknown word, and the vocabulary lacks the unknown token '{_unknownToken}'.");
        output.Add(_unknownId, 0, length);
    }
}
