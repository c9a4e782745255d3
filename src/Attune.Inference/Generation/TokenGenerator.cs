using Attune.Inference.Generation.Decoding;
using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Random;

namespace Attune.Inference.Generation;

/// <summary>Writes sequences of token ids: continues them with a causal language model, or answers them with an encoder-decoder.</summary>
/// <remarks>Thread-safe: each call decodes by itself.</remarks>
public sealed class TokenGenerator
{
    private readonly GenerativeModel _model;
    private readonly Precision _precision;

    /// <summary>Makes a generator.</summary>
    /// <param name="model">The model.</param>
    /// <param name="precision">The arithmetic of products with weights.</param>
    /// <exception cref="InvalidOperationException">The model cannot write; the message names what it lacks.</exception>
    public TokenGenerator(Model model, Precision precision = Precision.Float32) => (_model, _precision) = (new GenerativeModel(model), precision);

    /// <summary>The tokens that end a sequence unless options name others: those of the model's configuration.</summary>
    public IReadOnlyList<int> EndIds => _model.EndIds;

    /// <summary>Whether prompts are read by an encoder, so that what is written does not continue them.</summary>
    public bool HasEncoder => _model.HasEncoder;

    /// <summary>Writes one sequence token by token.</summary>
    /// <param name="prompt">What is continued or answered.</param>
    /// <param name="options">How, without beams.</param>
    /// <param name="cancellation">Looked at between tokens.</param>
    /// <returns>The new ids, the one that ends the sequence included.</returns>
    /// <exception cref="ArgumentException">The prompt is empty or leaves no room, or settings are out of range or want several sequences.</exception>
    public IEnumerable<int> Stream(IReadOnlyList<int> prompt, GenerationOptions options, CancellationToken cancellation = default)
    {
        if (options.Beams > 1 || options.Returns > 1)
            throw new ArgumentException("Several sequences cannot be given token by token: the best one is known at the end only. Use one beam and one return.", nameof(options));
        options.Validate();
        OpenSequence sequence = Open(new GenerationPrompt(prompt), options, null);
        return SingleTokenSearch.Run(Begin([prompt], options), [First(prompt, options)], [sequence], Draws(options), null, cancellation)
            .Select(next => next.Id);
    }

    /// <summary>Writes sequences for several prompts of any lengths at once.</summary>
    /// <param name="prompts">What is continued or answered.</param>
    /// <param name="options">How.</param>
    /// <param name="scores">Gets the scores of each step; null if nobody looks. Beams show none.</param>
    /// <param name="cancellation">Looked at between tokens.</param>
    /// <returns>For each prompt as many sequences as the options ask for, those of beams in the order of their scores.</returns>
    /// <exception cref="ArgumentException">A prompt is empty or leaves no room, or settings are out of range.</exception>
    public IReadOnlyList<IReadOnlyList<GeneratedSequence>> Generate(
        IReadOnlyList<GenerationPrompt> prompts, GenerationOptions options, ScoresObserver? scores = null, CancellationToken cancellation = default) =>
        Generate(prompts, options, isStopped: null, scores, cancellation);

    /// <summary>Writes sequences, which may end in ways of the caller's.</summary>
    /// <param name="prompts">What is continued or answered.</param>
    /// <param name="options">How.</param>
    /// <param name="isStopped">Whether what is written ends a sequence, besides end tokens and length.</param>
    /// <param name="scores">Gets the scores of each step.</param>
    /// <param name="cancellation">Looked at between tokens.</param>
    internal IReadOnlyList<IReadOnlyList<GeneratedSequence>> Generate(
        IReadOnlyList<GenerationPrompt> prompts, GenerationOptions options, IsStopped? isStopped, ScoresObserver? scores, CancellationToken cancellation)
    {
        options.Validate();
        if (prompts.Count == 0)
            return [];
        OpenSequence[] Opened(int copies) => [.. prompts.SelectMany(prompt => Enumerable.Range(0, copies).Select(_ => Open(prompt, options, isStopped)))];
        OpenSequence[] first = Opened(1);
        DecodingSession session = Begin([.. prompts.Select(prompt => prompt.Ids)], options);
        int[][] read = [.. prompts.Select(prompt => First(prompt.Ids, options))];
        if (options.Beams > 1)
        {
            BeamSearch[] searches = [.. first.Select(sequence => new BeamSearch(options, sequence))];
            BatchedBeamSearch.Run(session, read, searches, options.Beams, Draws(options), cancellation);
            return [.. searches.Select(search => search.Results)];
        }
        OpenSequence[] sequences = options.Returns == 1 ? first : Opened(options.Returns);
        foreach (var _ in SingleTokenSearch.Run(session, read, sequences, Draws(options), scores, cancellation))
        {
            // The sequences keep their tokens themselves.
        }
        return [.. sequences.Select(sequence => new GeneratedSequence(sequence.Written.ToArray(), null)).Chunk(options.Returns)];
    }

    private DecodingSession Begin(IReadOnlyList<IReadOnlyList<int>> prompts, GenerationOptions options) =>
        DecodingSession.Begin(_model, _precision, prompts, options.UseCache);

    // What the decoder reads at the first step.
    private int[] First(IReadOnlyList<int> prompt, GenerationOptions options) => _model.HasEncoder ? [options.StartId ?? _model.StartId] : [.. prompt];

    private OpenSequence Open(GenerationPrompt prompt, GenerationOptions options, IsStopped? isStopped)
    {
        if (prompt.Ids.Count == 0)
            throw new ArgumentException("The prompt has no tokens; give at least one.", nameof(prompt));
        IReadOnlyList<int> seen = prompt.History ?? prompt.Ids;
        IReadOnlyList<int> begun = _model.HasEncoder ? First(prompt.Ids, options) : seen;
        // Padding takes no position of the model.
        int room = (_model.MaxLength ?? int.MaxValue) - (_model.HasEncoder ? 1 : prompt.Ids.Count);
        if (room < 1)
        {
            throw new ArgumentException(
                $"The prompt has {prompt.Ids.Count} tokens; this model takes at most {_model.MaxLength}, so there is no room to go on.", nameof(prompt));
        }
        int allowed = (options.MaxLength ?? int.MaxValue) - begun.Count;
        if (allowed < 1)
        {
            throw new ArgumentException(
                $"The prompt has {begun.Count} tokens and the whole is to have at most {options.MaxLength}, so there is no room to go on: set {nameof(options.MaxNewTokens)} (--max-new-tokens) instead.", nameof(options));
        }
        int count = Math.Min(options.MaxNewTokens, Math.Min(room, allowed));
        IReadOnlyList<int> endIds = options.EndIds ?? EndIds;
        return new OpenSequence(begun, new SequenceRules(
            ProcessorList.Of(options, new ProcessorContext(endIds, seen, begun.Count, count)), endIds, count, isStopped));
    }

    private static RandomStream? Draws(GenerationOptions options) => options.Sample ? new RandomStream(options.Seed).Stream("generation") : null;
}
