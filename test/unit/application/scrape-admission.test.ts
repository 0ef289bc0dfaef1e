import { ScrapeAdmission, TooManyScrapesError } from '../../../src/application/scrape-admission.ts';

describe('ScrapeAdmission', () => {
  it('turns away more than the number, until one has left', () => {
    const admission = new ScrapeAdmission(2, 1000);
    const leave = admission.enter();
    admission.enter();
    expect(() => admission.enter()).toThrow(TooManyScrapesError);
    leave();
    leave();
    admission.enter();
    expect(() => admission.enter()).toThrow(TooManyScrapesError);
  });

  it('turns away what would take too much memory, going by the last answer', () => {
    const admission = new ScrapeAdmission(64, 1000);
    admission.recordAnswerSize(400);
    admission.enter();
    const leave = admission.enter();
    expect(() => admission.enter()).toThrow(TooManyScrapesError);
    leave();
    admission.enter();
  });

  it('lets a scrape alone in however large its answer', () => {
    const admission = new ScrapeAdmission(64, 1000);
    admission.recordAnswerSize(5000);
    const leave = admission.enter();
    expect(() => admission.enter()).toThrow(TooManyScrapesError);
    leave();
    admission.enter();
  });
});
