using Attune.Formats;
using Attune.Tokenizers.Loading;

namespace Attune.Tokenizers;

/// <summary>A trained SentencePiece model.</summary>
public sealed class TrainedSentencePiece
{
    private const string FileName = "spiece.model";

    private readonly byte[] _model;
    private readonly Lazy<Tokenizer> _tokenizer;

    internal TrainedSentencePiece(IReadOnlyList<SentencePiece> pieces, byte[] model)
    {
        (Pieces, _model) = (pieces, model);
        _tokenizer = new Lazy<Tokenizer>(() => SentencePieceRecipe.Build(SentencePieceModel.Read(_model, FileName), TokenizerFamilyKind.Plain, new TokenizerSettings(), FileName));
    }

    /// <summary>The number of pieces.</summary>
    public int VocabularySize => Pieces.Count;

    /// <summary>The tokenizer that encodes as the model does.</summary>
    /// <exception cref="AttuneFormatException">Spaces end words: <c>tokenizer.json</c> has no component for that; the model file has.</exception>
    public Tokenizer Tokenizer => _tokenizer.Value;

    internal IReadOnlyList<SentencePiece> Pieces { get; }

    /// <summary>Writes what SentencePiece's <c>.model</c> files hold.</summary>
    public void WriteModel(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(_model);
    }

    /// <summary>Writes <c>spiece.model</c> and, beside it, the tokenizer as <c>tokenizer.json</c> and <c>tokenizer_config.json</c>.</summary>
    /// <param name="folder">The folder; made if it is missing.</param>
    /// <exception cref="AttuneWriteException">A file cannot be written.</exception>
    /// <exception cref="AttuneFormatException">Spaces end words, which only the model file can say.</exception>
    public void Save(string folder)
    {
        Tokenizer.Save(folder);
        AtomicFile.WriteAllBytes(Path.Combine(folder, FileName), _model);
    }
}
