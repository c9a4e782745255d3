using System.Runtime.CompilerServices;
using Attune.Backbones.Folders;
using Attune.Formats;
using Attune.Tokenizers;

namespace Attune.Inference.Generation;

/// <summary>Writes texts: continues them with a causal language model, or answers them with an encoder-decoder.</summary>
/// <remarks>Thread-safe: each call decodes by itself.</remarks>
public sealed class TextGenerator
{
    private readonly InferenceModel _model;
    private readonly ITokenizer _tokenizer;
    private readonly TokenGenerator _generator;

    /// <summary>Makes the pipeline. Older models have their settings in <c>config.json</c>: those become the defaults.</summary>
    /// <exception cref="AttuneFormatException">A setting is not what it should be.</exception>
    /// <exception cref="InvalidOperationException">The model cannot write; the message names what it lacks.</exception>
    public TextGenerator(InferenceModel model)
    {
        (_model, _tokenizer) = (model, model.Tokenizer);
        _generator = new TokenGenerator(model.Model, model.Options.Precision);
        IReadOnlyList<int> endIds = _generator.EndIds.Count > 0 ? _generator.EndIds : model.Tokenizer.Special.Eos is { } end ? [end] : [];
        Defaults = WithEnds(GenerationConfig.ReadWhole(new JsonFields(model.Model.Config, ModelFolder.ConfigName), new GenerationOptions()), endIds);
    }

    /// <summary>
    /// What holds where a call gives no options: the settings that the model was published with. Options of your own keep them if they are made from
    /// these (<c>Defaults with { Beams = 4 }</c>).
    /// </summary>
    public GenerationOptions Defaults { get; private init; }

    /// <summary>Whether texts continue their prompts; otherwise an encoder reads those, and texts answer them.</summary>
    public bool ContinuesPrompts => !_generator.HasEncoder;

    /// <summary>Opens a model's folder; the settings in its <c>generation_config.json</c>, if it has one, become the defaults.</summary>
    /// <param name="model">The model of the folder.</param>
    /// <param name="folder">The folder.</param>
    /// <exception cref="AttuneFormatException">The file is faulty.</exception>
    /// <exception cref="InvalidOperationException">The model cannot write; the message names what it lacks.</exception>
    public static TextGenerator Open(InferenceModel model, string folder)
    {
        var generator = new TextGenerator(model);
        string path = Path.Combine(folder, GenerationConfig.FileName);
        return File.Exists(path)
            ? new TextGenerator(model) { Defaults = WithEnds(GenerationConfig.Load(path, generator.Defaults), generator.Defaults.EndIds) }
            : generator;
    }

    /// <summary>Writes a text.</summary>
    /// <param name="prompt">The text to continue or answer.</param>
    /// <param name="options">How; null is <see cref="Defaults"/>.</param>
    /// <param name="cancellation">Looked at between tokens.</param>
    /// <returns>What was written, without the prompt; of several texts the best.</returns>
    /// <exception cref="ArgumentException">The prompt has no tokens or leaves no room, or a setting is out of range.</exception>
    public string Generate(string prompt, GenerationOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= Defaults;
        return options.Beams > 1 || options.Returns > 1
            ? Generate([prompt], options, cancellation)[0][0].Text
            : string.Concat(Stream(prompt, options, cancellation));
    }

    /// <summary>Writes texts for several prompts at once.</summary>
    /// <param name="prompts">The texts to continue or answer.</param>
    /// <param name="options">How; null is <see cref="Defaults"/>.</param>
    /// <param name="cancellation">Looked at between tokens.</param>
    /// <returns>For each prompt as many texts as the options ask for, those of beams in the order of their scores.</returns>
    /// <exception cref="ArgumentException">A prompt has no tokens or leaves no room, or a setting is out of range.</exception>
    public IReadOnlyList<IReadOnlyList<GeneratedText>> Generate(
        IReadOnlyList<string> prompts, GenerationOptions? options = null, CancellationToken cancellation = default)
    {
        options = WithEnds(options ?? Defaults, Defaults.EndIds);
        IReadOnlyList<int>[] ids = [.. prompts.Select(prompt => Encode(prompt, options))];
        bool IsStopped(ReadOnlySpan<int> written)
        {
            var stops = new StopStrings(options.StopStrings);
            stops.Push(_tokenizer.Decode(written));
            return stops.IsStopped;
        }
        var found = _generator.Generate(
            [.. ids.Select(prompt => new GenerationPrompt(prompt))], options, options.StopStrings.Count > 0 ? IsStopped : null, null, cancellation);
        return [.. found.Select((sequences, prompt) => sequences.Select(sequence => new GeneratedText(
            string.Concat(Texts(ids[prompt], sequence.Ids, options)), sequence.Ids.Count, sequence.Score)).ToArray())];
    }

    /// <summary>Writes a text piece by piece, off the calling thread.</summary>
    /// <inheritdoc cref="Stream"/>
    public async IAsyncEnumerable<string> StreamAsync(
        string prompt, GenerationOptions? options = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using IEnumerator<string> pieces = Stream(prompt, options, cancellation).GetEnumerator();
        while (await Task.Run(pieces.MoveNext, cancellation).ConfigureAwait(false))
            yield return pieces.Current;
    }

    /// <summary>Writes a text piece by piece.</summary>
    /// <param name="prompt">The text to continue or answer; an empty one is continued from the token that begins texts.</param>
    /// <param name="options">How, without beams; null is <see cref="Defaults"/>.</param>
    /// <param name="cancellation">Looked at between tokens.</param>
    /// <returns>Pieces that make up what is written: whole characters, held back while they may begin a stop string.</returns>
    /// <exception cref="ArgumentException">The prompt has no tokens or leaves no room, or settings are out of range or want several texts.</exception>
    public IEnumerable<string> Stream(string prompt, GenerationOptions? options = null, CancellationToken cancellation = default)
    {
        options = WithEnds(options ?? Defaults, Defaults.EndIds);
        IReadOnlyList<int> ids = Encode(prompt, options);
        return Texts(ids, _generator.Stream(ids, options, cancellation), options);
    }

    private static GenerationOptions WithEnds(GenerationOptions options, IReadOnlyList<int>? endIds) => options with { EndIds = options.EndIds ?? endIds };

    // An encoder reads whole texts with their special tokens; what is continued must stay open.
    private IReadOnlyList<int> Encode(string prompt, GenerationOptions options)
    {
        if (_generator.HasEncoder)
            return _model.Encode(prompt).Ids;
        List<int> ids = [];
        _tokenizer.EncodeIds(prompt, ids, addSpecialTokens: false);
        if (ids.Count == 0 && (_tokenizer.Special.Bos ?? _tokenizer.Special.Eos) is { } start)
            ids.Add(start);
        // Of a text that is continued the end matters: its beginning makes room for what is added, but half of the places stay its own.
        if (_model is { Options.TooLong: TooLong.Truncate, MaxLength: { } places })
        {
            int kept = places - Math.Min(options.MaxNewTokens, places / 2);
            ids.RemoveRange(0, Math.Max(0, ids.Count - kept));
        }
        return ids;
    }

    private IEnumerable<string> Texts(IReadOnlyList<int> prompt, IEnumerable<int> tokens, GenerationOptions options)
    {
        var decoder = new StreamDecoder(_tokenizer);
        // The first new token continues the prompt: decoders treat the first token of a text differently.
        foreach (int id in _generator.HasEncoder ? [] : prompt)
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
