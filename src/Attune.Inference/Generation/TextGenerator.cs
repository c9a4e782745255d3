using System.Runtime.CompilerServices;
using Attune.Tokenizers;

namespace Attune.Inference.Generation;

/// <summary>Continues texts with a causal language model.</summary>
/// <remarks>Thread-safe: each call decodes by itself.</remarks>
public sealed class TextGenerator
{
    private readonly ITokenizer _tokenizer;
    private readonly TokenGenerator _generator;
    private readonly IReadOnlyList<int> _endIds;

    /// <summary>Makes the pipeline.</summary>
    /// <exception cref="InvalidOperationException">The model is no causal language model.</exception>
    public TextGenerator(InferenceModel model)
    {
        _tokenizer = model.Tokenizer;
        _generator = new TokenGenerator(model.Model, model.Options.Precision);
        _endIds = _generator.EndIds.Count > 0 ? _generator.EndIds : model.Tokenizer.Special.Eos is { } end ? [end] : [];
    }

    /// <summary>Continues a text.</summary>
    /// <param name="prompt">The text.</param>
    /// <param name="options">How; by default the likeliest token each time.</param>
    /// <param name="cancellation">Looked at between tokens.</param>
    /// <returns>The continuation, without the prompt.</returns>
    /// <exception cref="ArgumentException">The prompt has no tokens or leaves no room, or a setting is out of range.</exception>
    public string Generate(string prompt, GenerationOptions? options = null, CancellationToken cancellation = default) =>
        string.Concat(Stream(prompt, options, cancellation));

    /// <summary>Continues a text piece by piece, off the calling thread.</summary>
    /// <inheritdoc cref="Stream"/>
    public async IAsyncEnumerable<string> StreamAsync(
        string prompt, GenerationOptions? options = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using IEnumerator<string> pieces = Stream(prompt, options, cancellation).GetEnumerator();
        while (await Task.Run(pieces.MoveNext, cancellation).ConfigureAwait(false))
            yield return pieces.Current;
    }

    /// <summary>Continues a text piece by piece.</summary>
    /// <param name="prompt">The text; an empty one starts from the token that begins texts.</param>
    /// <param name="options">How; by default the likeliest token each time.</param>
    /// <param name="cancellation">Looked at between tokens.</param>
    /// <returns>Pieces that make up the continuation: whole characters, held back while they may begin a stop string.</returns>
    /// <exception cref="ArgumentException">The prompt has no tokens or leaves no room, or a setting is out of range.</exception>
    public IEnumerable<string> Stream(string prompt, GenerationOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new GenerationOptions();
        options = options with { EndIds = options.EndIds ?? _endIds };
        List<int> ids = [];
        _tokenizer.EncodeIds(prompt, ids, addSpecialTokens: false);
        if (ids.Count == 0 && (_tokenizer.Special.Bos ?? _tokenizer.Special.Eos) is { } start)
            ids.Add(start);
        return Texts(ids, _generator.Generate(ids, options, cancellation: cancellation), options);
    }

    private IEnumerable<string> Texts(IReadOnlyList<int> prompt, IEnumerable<int> tokens, GenerationOptions options)
    {
        var decoder = new StreamDecoder(_tokenizer);
        // The first new token continues the prompt: decoders treat the first token of a text differently.
        foreach (int id in prompt)
            decoder.Push(id);
        var continuation = new StopStrings(options.StopStrings);
        foreach (int id in tokens)
        {
            string piece = continuation.Push(decoder.Push(id));
            if (piece.Length > 0)
                yield return piece;
            if (continuation.IsStopped)
                yield break;
        }
        string rest = continuation.Push(decoder.Finish()) + continuation.Finish();
        if (rest.Length > 0)
            yield return rest;
    }
}
