using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Nn.OutputHeads;

namespace Attune.Parity.Models;

/// <summary>Finds how a head is called: which arguments are its labels, and what its outputs are named.</summary>
internal static class HeadCalls
{
    /// <summary>Prepares a head's call.</summary>
    /// <exception cref="NotSupportedException">There is no way of calling such a head.</exception>
    public static IHeadCall Prepare(IHead head, GoldenModel golden, Model model, CaseArguments arguments, PaddedRows rows)
    {
        HeadKind kind = head.Kind;
        bool alone = model.Heads.Count == 1;
        return head switch
        {
            ITokenHead causal when kind == HeadKind.CausalLm =>
                new TokenHeadCall(causal, "logits", Shifted(TokenLabels(arguments, rows), rows.Length), rows),
            ITokenHead masked when kind == HeadKind.MaskedLm =>
                new TokenHeadCall(masked, alone ? "logits" : "prediction_logits", TokenLabels(arguments, rows), rows),
            ITokenHead tagger when kind == HeadKind.TokenClassification =>
                new TokenHeadCall(tagger, "logits", TokenLabels(arguments, rows), rows),
            ITokenHead decoder when kind == HeadKind.SequenceToSequenceLm =>
                new TokenHeadCall(decoder, "logits", TokenLabels(arguments, rows), rows),
            ITokenHead detector when kind == HeadKind.ReplacedToken =>
                new TokenHeadCall(detector, "logits", OfRealTokens(TokenLabels(arguments, rows), rows), rows),
            ISequenceHead pair when kind == HeadKind.SentencePair => PairCall(pair, alone, arguments, rows),
            ISequenceHead choices when kind == HeadKind.MultipleChoice =>
                new MultipleChoiceCall(choices, TokenInput.Read(arguments).Shape[1], arguments.Ints("labels"), ReadsPadding(choices, golden, arguments, rows)),
            BeamSpanHead beams => new BeamSpanHeadCall(beams, arguments),
            ISequenceHead classifier when kind == HeadKind.SequenceClassification => new SequenceHeadCall(
                classifier, ["logits"], SequenceLabels.Read(arguments.Find("labels"), golden.Config), ReadsPadding(classifier, golden, arguments, rows)),
            ISpanHead span when kind == HeadKind.QuestionAnswering =>
                new SpanHeadCall(span, arguments.Ints("start_positions"), arguments.Ints("end_positions"), rows),
            _ => throw new NotSupportedException($"No reference call serves a '{kind}' head."),
        };
    }

    // The reference reads columns of the padded array, whether they are padding or not.
    private static bool ReadsPadding(ISequenceHead head, GoldenModel golden, CaseArguments arguments, PaddedRows rows) => head switch
    {
        SummaryHead { Shape.Kind: SummaryKind.Mean } => rows.HasPadding,
        SummaryHead { Shape.Kind: SummaryKind.Last } => ReadsPadding(rows, null, null),
        LastTokenClassificationHead => ReadsPadding(rows, arguments.Ints("input_ids"), golden.Config.IntOrNull("pad_token_id")),
        SummaryHead or PooledClassificationHead or FirstTokenClassificationHead => rows.BeginsWithPadding,
        _ => false,
    };

    // The last column that is not the padding token, or the last one.
    private static bool ReadsPadding(PaddedRows rows, int[]? ids, int? padding) => Enumerable.Range(0, rows.Sequences).Any(s =>
    {
        int column = rows.Length - 1;
        while (ids is not null && column > 0 && ids[s * rows.Length + column] == padding)
            column--;
        return !rows.IsReal(s * rows.Length + column);
    });

    private static SequenceHeadCall PairCall(ISequenceHead head, bool alone, CaseArguments arguments, PaddedRows rows)
    {
        if (alone)
            return new SequenceHeadCall(head, ["logits"], SequenceLabels.OfClasses(arguments.Find("labels") ?? arguments.Find("next_sentence_label")), rows.BeginsWithPadding);
        // BERT asks whether the second sentence follows, ALBERT in which order the two are.
        StoredTensor? labels = arguments.Find("next_sentence_label") ?? arguments.Find("sentence_order_label");
        return new SequenceHeadCall(head, ["seq_relationship_logits", "sop_logits"], SequenceLabels.OfClasses(labels), rows.BeginsWithPadding);
    }

    private static int[]? TokenLabels(CaseArguments arguments, PaddedRows rows)
    {
        int[]? labels = arguments.Ints("labels");
        return labels is null || labels.Length == rows.Sequences * rows.Length
            ? labels
            : throw new InvalidOperationException($"The argument 'labels' has {labels.Length} numbers for {rows.Sequences} sequences of {rows.Length}.");
    }

    // The reference leaves padding out of this loss, whatever label it has.
    private static int[]? OfRealTokens(int[]? labels, PaddedRows rows) =>
        labels is null ? null : [.. labels.Select((label, cell) => rows.IsReal(cell) ? label : Labels.Ignore)];

    // A language model's row predicts the next column; the last one predicts nothing.
    private static int[]? Shifted(int[]? labels, int length)
    {
        if (labels is null)
            return null;
        int[] shifted = new int[labels.Length];
        for (int cell = 0; cell < labels.Length; cell++)
            shifted[cell] = (cell + 1) % length == 0 ? Labels.Ignore : labels[cell + 1];
        return shifted;
    }
}
