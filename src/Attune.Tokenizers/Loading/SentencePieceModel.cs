using System.Text.Unicode;
using Attune.Formats;
using Attune.Tokenizers.Normalizers;

namespace Attune.Tokenizers.Loading;

/// <summary>What a piece of a SentencePiece vocabulary is.</summary>
internal enum PieceKind
{
    /// <summary>Text.</summary>
    Normal = 1,

    /// <summary>Stands for what is unknown.</summary>
    Unknown = 2,

    /// <summary>Has no text of its own, such as a beginning of sentence.</summary>
    Control = 3,

    /// <summary>Text that is always a token by itself.</summary>
    UserDefined = 4,

    /// <summary>Not in use.</summary>
    Unused = 5,

    /// <summary>A single byte.</summary>
    Byte = 6,
}

/// <summary>A piece of a SentencePiece vocabulary.</summary>
internal sealed record SentencePiece(string Text, float Score, PieceKind Kind);

/// <summary>The content of a SentencePiece <c>.model</c> file, as far as tokenizing needs it.</summary>
internal sealed record SentencePieceModel(
    IReadOnlyList<SentencePiece> Pieces, bool IsBpe, bool ByteFallback, int UnknownId, CharacterMap? CharacterMap, bool AddDummyPrefix, bool RemoveExtraSpaces,
    bool SplitsAtSpaces, bool SpaceAsSuffix)
{
    /// <summary>Reads a model.</summary>
    /// <exception cref="AttuneFormatException">The bytes are none.</exception>
    public static SentencePieceModel Read(ReadOnlySpan<byte> bytes, string path)
    {
        var pieces = new List<SentencePiece>();
        var trainer = new Trainer();
        var normalizer = new Normalizer();
        var reader = new ProtobufReader(bytes, path);
        while (reader.Read())
        {
            if (reader.Field == 1) pieces.Add(ReadPiece(reader.Bytes, path, pieces.Count));
            else if (reader.Field == 2) trainer = ReadTrainer(reader.Bytes, path);
            else if (reader.Field == 3) normalizer = ReadNormalizer(reader.Bytes, path);
        }

        if (pieces.Count == 0) throw new AttuneFormatException(path, "pieces", "none", "a vocabulary");
        if (trainer.ModelType is not (1 or 2)) throw new AttuneFormatException(path, "trainer_spec.model_type", $"{trainer.ModelType}", "1 (unigram) or 2 (BPE)");
        var unknown = pieces.FindIndex(p => p.Kind == PieceKind.Unknown);
        if (unknown < 0) throw new AttuneFormatException(path, "pieces", "no piece for unknown text", "one piece of type UNKNOWN");
        return new SentencePieceModel(
            pieces, trainer.ModelType == 2, trainer.ByteFallback, unknown, normalizer.Map, normalizer.AddDummyPrefix, normalizer.RemoveExtraSpaces,
            trainer.SplitsAtSpaces, trainer.SpaceAsSuffix);
    }

    private static SentencePiece ReadPiece(ReadOnlySpan<byte> bytes, string path, int index)
    {
        var (text, score, kind) = ("", 0f, PieceKind.Normal);
        var reader = new ProtobufReader(bytes, path);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1 when !Utf8.IsValid(reader.Bytes):
                    throw new AttuneFormatException(path, $"piece {index}", "bytes that are not UTF-8", "UTF-8 text");
                case 1:
                    text = System.Text.Encoding.UTF8.GetString(reader.Bytes);
                    break;
                case 2:
                    score = reader.Float;
                    break;
                case 3 when reader.Number is >= 1 and <= 6:
                    kind = (PieceKind)reader.Number;
                    break;
            }
        }

        if (text.Length == 0 || !float.IsFinite(score)) throw new AttuneFormatException(path, $"piece {index}", $"text '{text}' with score {score}", "text and a finite score");
        return new SentencePiece(text, score, kind);
    }

    private static Trainer ReadTrainer(ReadOnlySpan<byte> bytes, string path)
    {
        var trainer = new Trainer();
        var reader = new ProtobufReader(bytes, path);
        while (reader.Read())
        {
            if (reader.Field == 3) trainer = trainer with { ModelType = (long)reader.Number };
            else if (reader.Field == 22) trainer = trainer with { SplitsAtSpaces = reader.Number != 0 };
            else if (reader.Field == 24) trainer = trainer with { SpaceAsSuffix = reader.Number != 0 };
            else if (reader.Field == 35) trainer = trainer with { ByteFallback = reader.Number != 0 };
            else if (reader.Field == 24 && reader.Number != 0)
                throw new AttuneFormatException(path, "trainer_spec.treat_whitespace_as_suffix", "true", "false: spaces at the ends of words are not supported");
        }

        return trainer;
    }

    private static Normalizer ReadNormalizer(ReadOnlySpan<byte> bytes, string path)
    {
        var normalizer = new Normalizer();
        var reader = new ProtobufReader(bytes, path);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 2 when reader.Bytes.Length > 0:
                    var map = CharacterMap.TryRead(reader.Bytes.ToArray()) ?? throw new AttuneFormatException(path, "normalizer_spec.precompiled_charsmap", "something else", "a character map");
                    normalizer = normalizer with { Map = map };
                    break;
                case 3:
                    normalizer = normalizer with { AddDummyPrefix = reader.Number != 0 };
                    break;
                case 4:
                    normalizer = normalizer with { RemoveExtraSpaces = reader.Number != 0 };
                    break;
                case 5 when reader.Number == 0:
                    throw new AttuneFormatException(path, "normalizer_spec.escape_whitespaces", "false", "true: pieces with plain spaces are not supported");
            }
        }

        return normalizer;
    }

    // The defaults are those of the format.
    private sealed record Trainer(long ModelType = 1, bool ByteFallback = false, bool SplitsAtSpaces = true, bool SpaceAsSuffix = false);

    private sealed record Normalizer(CharacterMap? Map = null, bool AddDummyPrefix = true, bool RemoveExtraSpaces = true);
}
