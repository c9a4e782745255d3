using Attune.Formats;
using Attune.Tokenizers.Models;

namespace Attune.Tokenizers.Loading;

/// <summary>All models that <c>tokenizer.json</c> can name.</summary>
internal static class ModelTable
{
    private static readonly Dictionary<string, Func<ModelSource, ITokenModel>> Readers = new()
    {
        ["BPE"] = ReadBpe,
        ["Unigram"] = ReadUnigram,
        ["WordLevel"] = source => new WordLevelModel(source.ReadVocabulary(), source.Fields.String("unk_token", "<unk>")),
        ["WordPiece"] = ReadWordPiece,
    };

    /// <summary>Reads a model.</summary>
    /// <exception cref="AttuneFormatException">The type is unknown or a field is wrong.</exception>
    public static ITokenModel Read(ModelSource source)
    {
        var type = source.Fields.StringOrNull("type") ?? GuessType(source);
        return Readers.TryGetValue(type, out var read) ? read(source) : throw source.Fields.Error("type", $"a known model ({string.Join(", ", Readers.Keys)})");
    }

    // Files from before types were written are told apart by what they hold.
    private static string GuessType(ModelSource source)
    {
        if (source.Element.TryGetProperty("merges", out _)) return "BPE";
        if (source.Fields.Has("unk_id")) return "Unigram";
        return source.Fields.Has("continuing_subword_prefix") ? "WordPiece" : "WordLevel";
    }

    private static WordPieceModel ReadWordPiece(ModelSource source) => new(
        source.ReadVocabulary(),
        source.Fields.String("unk_token", "[UNK]"),
        source.Fields.String("continuing_subword_prefix", "##"),
        source.Fields.Int("max_input_chars_per_word", 100));

    private static BpeModel ReadBpe(ModelSource source)
    {
        var fields = source.Fields;
        var dropout = fields.FloatOrNull("dropout");
        if (dropout is < 0 or > 1) throw fields.Error("dropout", "a probability between 0 and 1");
        var options = new BpeOptions
        {
            UnknownToken = fields.StringOrNull("unk_token"),
            ContinuingSubwordPrefix = fields.StringOrNull("continuing_subword_prefix"),
            EndOfWordSuffix = fields.StringOrNull("end_of_word_suffix"),
            FuseUnknown = fields.Bool("fuse_unk", false),
            ByteFallback = fields.Bool("byte_fallback", false),
            IgnoreMerges = fields.Bool("ignore_merges", false),
            Dropout = dropout,
        };
        try
        {
            return new BpeModel(source.ReadVocabulary(), source.ReadMerges(), options);
        }
        catch (ArgumentException e)
        {
            throw source.Error("merges", e.Message, "merges of tokens that the vocabulary has");
        }
    }

    private static UnigramModel ReadUnigram(ModelSource source)
    {
        var pieces = source.ReadScoredPieces();
        var unknown = source.Fields.IntOrNull("unk_id");
        if (unknown is { } id && (id < 0 || id >= pieces.Count)) throw source.Fields.Error("unk_id", $"an id below the {pieces.Count} tokens of the vocabulary");
        return new UnigramModel(pieces, unknown, source.Fields.Bool("byte_fallback", false));
    }
}
