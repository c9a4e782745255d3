using System.Globalization;
using Attune.Formats;
using Attune.Training.Schedules;

namespace Attune.Parity.Layouts;

/// <summary>Tables of learning rates: <c>rows</c> of a schedule, its arguments, steps and rates. The tolerance is relative.</summary>
internal sealed class ScheduleLayout : ICaseLayout
{
    /// <inheritdoc/>
    public bool Recognises(CaseFolder folder) =>
        folder.Case is { } golden && golden.Has("rows") && golden.ChildOrNull("tolerances") is not null && !folder.Has(CaseFolder.ExpectedName);

    /// <inheritdoc/>
    public IEnumerable<Func<ParityResult>> Cases(CaseFolder folder)
    {
        yield return CaseRun.Of(folder.Name, "schedules", result =>
        {
            double tolerance = folder.Case!.Child("tolerances").Float("output");
            double largest = 0;
            int rates = 0;
            string worst = "", message = "";
            foreach (JsonFields row in folder.Case.Children("rows"))
            {
                string name = row.String("schedule");
                ISchedule schedule = ReferenceSchedule.Read(name, row);
                IReadOnlyList<int> steps = row.IntArray("steps");
                IReadOnlyList<double> expected = row.FloatArrayOrNull("lr") ?? throw row.Error("lr", "an array of rates");
                if (expected.Count != steps.Count)
                    throw row.Error("lr", $"{steps.Count} rates, as many as steps");
                for (int i = 0; i < steps.Count; i++, rates++)
                {
                    double rate = schedule.Rate(steps[i]);
                    double error = rate == expected[i] ? 0 : Math.Abs(rate - expected[i]) / Math.Abs(expected[i]);
                    // A rate that is not a number must not slip through the comparison.
                    if (!(error <= largest))
                        (largest, worst) = (double.IsNaN(error) ? double.PositiveInfinity : error, name);
                    if (!(error <= tolerance) && message.Length == 0)
                        message = string.Create(CultureInfo.InvariantCulture, $"{name} at step {steps[i]}: {expected[i]:R} is expected, Attune gives {rate:R}");
                }
            }
            return result with
            {
                Status = message.Length == 0 && rates > 0 ? ParityStatus.Passed : ParityStatus.Failed,
                Outputs = new ParityMeasure(largest, largest / tolerance, worst, rates),
                Message = rates > 0 ? message : "the table is empty",
            };
        });
    }
}
