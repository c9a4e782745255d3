namespace Attune.Inference.Generation;

/// <summary>What processors need to know of the sequence that they work for.</summary>
/// <param name="EndIds">The tokens that end it.</param>
/// <param name="Prompt">The prompt as processors see it; of an encoder-decoder what the encoder reads.</param>
/// <param name="Begun">How many tokens there are before the first one that is written.</param>
/// <param name="MaxNewTokens">The most tokens that are written.</param>
public sealed record ProcessorContext(IReadOnlyList<int> EndIds, IReadOnlyList<int> Prompt, int Begun, int MaxNewTokens);

/// <summary>Makes the processors that options stand for.</summary>
public static class ProcessorList
{
    /// <summary>The processors of a sequence, in the order in which they apply, which is that of Hugging Face's generate().</summary>
    public static IReadOnlyList<ILogitsProcessor> Of(GenerationOptions options, ProcessorContext context)
    {
        List<ILogitsProcessor> processors = [];
        void AddIf(bool wanted, Func<ILogitsProcessor> make)
        {
            if (wanted)
                processors.Add(make());
        }
        AddIf(options.SequenceBiases.Count > 0, () => new SequenceBias(options.SequenceBiases));
        AddIf(options.EncoderRepetitionPenalty != 1, () => new PromptReward(options.EncoderRepetitionPenalty, context.Prompt));
        AddIf(options.RepetitionPenalty != 1, () => new RepetitionPenalty(options.RepetitionPenalty));
        AddIf(options.NoRepeatNgram is not null, () => new NoRepeatNgram(options.NoRepeatNgram!.Value));
        AddIf(options.EncoderNoRepeatNgram is not null, () => new NoPromptNgram(options.EncoderNoRepeatNgram!.Value, context.Prompt));
        AddIf(options.BadWords.Count > 0, () => SequenceBias.Forbidding(options.BadWords, context.EndIds));
        AddIf(options.MinLength > 0, () => new MinLength(options.MinLength, context.EndIds));
        AddIf(options.MinNewTokens > 0, () => new MinLength(context.Begun + options.MinNewTokens, context.EndIds));
        AddIf(options.ForcedFirstId is not null, () => new ForcedTokens(1, [options.ForcedFirstId!.Value]));
        AddIf(options.ForcedLastIds.Count > 0, () => new ForcedTokens(context.Begun + context.MaxNewTokens - 1, options.ForcedLastIds));
        AddIf(options.LengthDecay is not null, () => new LengthDecayProcessor(options.LengthDecay!, context.Begun, context.EndIds));
        AddIf(options.SuppressedIds.Count > 0, () => new SuppressedTokens(options.SuppressedIds));
        // Where the first token is forced after a lone start token, the first free one is the second.
        int first = context.Begun > 1 || options.ForcedFirstId is null ? context.Begun : context.Begun + 1;
        AddIf(options.SuppressedFirstIds.Count > 0, () => new SuppressedTokens(options.SuppressedFirstIds, first));
        if (options.Sample)
            processors.AddRange(Sampling(options, context));
        AddIf(options.Renormalize, () => new Renormalization());
        return processors;
    }

    private static IEnumerable<ILogitsProcessor> Sampling(GenerationOptions options, ProcessorContext context)
    {
        // Beams need a token that does not end the text, to explore what follows.
        int least = options.Beams > 1 ? context.EndIds.Count + 1 : 1;
        if (options.Temperature != 1)
            yield return new Temperature(options.Temperature);
        if (options.TopH is { } entropy)
            yield return new TopH(entropy);
        if (options.TopK is { } count)
            yield return new TopK(Math.Max(count, least));
        if (options.TopP is { } mass)
            yield return new TopP(mass, least);
        if (options.MinP is { } share)
            yield return new MinP(share, least);
        if (options.TypicalP is { } typical)
            yield return new TypicalP(typical, least);
        if (options.EpsilonCutoff is { } epsilon and > 0)
            yield return new EpsilonCutoff(epsilon, least);
        if (options.EtaCutoff is { } eta and > 0)
            yield return new EtaCutoff(eta, least);
    }
}
